/** An API in NestJS behind an authorization server of its own. Run it: node examples/nest.ts */
import 'reflect-metadata'
import { Controller, Get, Module, Req, UseGuards } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import type { Request } from 'express'
import { registerClient, Server, StoreValidator } from 'grantry'
import { requireToken, serve, tokenOf } from 'grantry/nest'
import { protect } from 'grantry/resource'
import { MemoryStore } from 'grantry/storage/memory'

const store = new MemoryStore()
const { secret } = await registerClient(store, { id: 'app', grantTypes: ['client_credentials'], scopes: ['read'] })
const server = new Server(new StoreValidator(store))
const guard = protect({ validator: new StoreValidator(store), allowAnyAudience: true }) // its tokens are for this API alone
const port = Number(process.env['PORT'] ?? 3000)

class Files {
  list(request: Request): object {
    return { owner: tokenOf(guard, request).clientId }
  }
}
// Node strips types and runs no decorators. With a compiler: @Get('/files') @UseGuards(requireToken(guard, …)) list(@Req() request: Request)
const list = Object.getOwnPropertyDescriptor(Files.prototype, 'list') ?? {}
UseGuards(requireToken(guard, { scopes: ['read'] }))(Files.prototype, 'list', list)
Get('/files')(Files.prototype, 'list', list)
Req()(Files.prototype, 'list', 0)
Controller()(Files)
class App {} // eslint-disable-line @typescript-eslint/no-extraneous-class -- what a module is in NestJS
Module({ controllers: [Files] })(App)

const app = await NestFactory.create(App, { logger: false }) // eslint-disable-line @typescript-eslint/no-unsafe-class-instance-assignment -- options
app.use(serve(server)) // /token and the other endpoints; everything else goes on
await app.listen(port, 'localhost')
const url = (await app.getUrl()).replace('[::1]', 'localhost')
console.log(
  `${url}/files needs a token: curl -u app:${secret} -d grant_type=client_credentials -d scope=read ${url}/token`,
)
