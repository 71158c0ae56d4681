"""Prints every public class, function, method and property of oauthlib's OAuth 2 and OpenID Connect part, one per line.

`oauthlib-names.txt` is its output with Debian's python3-oauthlib 3.2.2, and below it what 3.4 and the documentation add.
Of the client side, whose objects are not ours to offer, the classes alone are named.
"""
import importlib
import inspect
import pkgutil

import oauthlib.oauth2
import oauthlib.openid


def modules():
    yield from ('oauthlib', 'oauthlib.common', 'oauthlib.uri_validate', 'oauthlib.signals')
    for package in (oauthlib.oauth2, oauthlib.openid):
        for module in pkgutil.walk_packages(package.__path__, package.__name__ + '.'):
            yield module.name


def members(name, value):
    yield name
    if not inspect.isclass(value) or '.clients.' in name:
        return
    for member, what in vars(value).items():
        if not member.startswith('_') and (callable(what) or isinstance(what, property)):
            yield name + '.' + member


for module in modules():
    for name, value in sorted(vars(importlib.import_module(module)).items()):
        own = (inspect.isclass(value) or inspect.isfunction(value)) and value.__module__ == module
        if own and not name.startswith('_'):
            for found in members(module + '.' + name, value):
                print(found.removeprefix('oauthlib.'))
