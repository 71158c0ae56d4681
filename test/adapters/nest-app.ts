/* eslint-disable @typescript-eslint/no-unsafe-class-instance-assignment -- the options of NestJS are plain objects, typed as a class */
import 'reflect-metadata'
import { Controller, Get, Module, Post, Req, UseGuards, type ArgumentsHost } from '@nestjs/common'
import { BaseExceptionFilter, NestFactory, HttpAdapterHost } from '@nestjs/core'
import type { NestExpressApplication } from '@nestjs/platform-express'
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify'
import type { Request } from 'express'
import { requireToken, serve, tokenOf } from 'grantry/nest'
import { boom, filesOf, nameIn, needs, type AppParts, type Framework } from './app.ts'

/** What `@Get('/files') files(@Req() request) { … }` does: Node runs no decorators. */
const decorate = (of: { readonly prototype: object }, name: string, decorators: readonly MethodDecorator[]): void => {
  const descriptor = Object.getOwnPropertyDescriptor(of.prototype, name) ?? {}
  for (const each of [...decorators].reverse()) each(of.prototype, name, descriptor)
  Req()(of.prototype, name, 0)
}

const makeModule = ({ guard }: AppParts) => {
  class Files {
    list(request: Request): object {
      return filesOf(tokenOf(guard, request))
    }
    add(request: Request): object {
      return { name: nameIn(request.body) }
    }
    open(): string {
      return 'open'
    }
    fails(): never {
      return boom()
    }
  }
  const protect = UseGuards(requireToken(guard, needs))
  decorate(Files, 'list', [Get('/files'), protect])
  decorate(Files, 'add', [Post('/files'), protect])
  decorate(Files, 'open', [Get('/open')])
  decorate(Files, 'fails', [Get('/fails')])
  Controller()(Files)
  class App {} // eslint-disable-line @typescript-eslint/no-extraneous-class -- what a module is in NestJS
  Module({ controllers: [Files] })(App)
  return App
}

const makers = {
  express: async (parts: AppParts) => {
    const options = { logger: false, forceCloseConnections: true, bodyParser: parts.parser === 'before' } as const
    const app = await NestFactory.create<NestExpressApplication>(makeModule(parts), options)
    return { app, afterwards: () => parts.parser === 'none' && app.useBodyParser('json') }
  },
  fastify: async (parts: AppParts) => {
    const app = await NestFactory.create<NestFastifyApplication>(makeModule(parts), new FastifyAdapter(), {
      logger: false,
      forceCloseConnections: true,
    })
    return { app, afterwards: () => undefined } // it parses bodies after all middleware
  },
}

const start = async (over: keyof typeof makers, parts: AppParts) => {
  const { app, afterwards } = await makers[over](parts)
  class Telling extends BaseExceptionFilter {
    override catch(thrown: unknown, host: ArgumentsHost): void {
      parts.onError(thrown)
      super.catch(thrown, host)
    }
  }
  app.useGlobalFilters(new Telling(app.get(HttpAdapterHost).httpAdapter))
  app.use(serve(parts.server))
  app.use(serve(parts.guard))
  afterwards()
  await app.listen(0, '127.0.0.1')
  return { url: await app.getUrl(), close: () => app.close() }
}

export const frameworks: readonly Framework[] = [
  { name: 'NestJS 12 over Express', start: (parts) => start('express', parts) },
  { name: 'NestJS 12 over Fastify', start: (parts) => start('fastify', parts) },
]
