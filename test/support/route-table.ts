import { RequestMethod } from '@nestjs/common';
import { RouteParamtypes } from '@nestjs/common/internal';
import { DiscoveryService, MetadataScanner } from '@nestjs/core';
import type { TestApp } from './app.js';

export type InputClass = new () => object;

/** One REST route of the running application. */
export interface Route {
  /** `GET /sessions/:id`: what policies call it. */
  name: string;
  method: string;
  path: string;
  /** Names of the path's variables. */
  params: string[];
  body: InputClass | null;
  query: InputClass | null;
  /** Inputs that are taken whole, without a class that checks them. */
  unchecked: string[];
}

interface Layer {
  route?: { path: string | string[]; methods: Record<string, boolean> };
}

type Inputs = Pick<Route, 'body' | 'query' | 'unchecked'>;

/** Every route that the application answers, by its Express router (HEAD goes with GET); what Nest knows about their inputs is added. */
export function routeTable(app: TestApp): Route[] {
  const inputs = nestInputs(app);
  const { router } = app.app.getHttpAdapter().getInstance() as { router: { stack: Layer[] } };
  return router.stack.flatMap(({ route }) => {
    if (!route) return [];
    return [route.path].flat().flatMap((path) =>
      Object.keys(route.methods).flatMap((method) => {
        if (method === 'head') return [];
        const name = `${method.toUpperCase()} ${path}`;
        const params = [...path.matchAll(/:(\w+)/g)].map(([, param]) => param as string);
        const known = inputs.get(name) ?? { body: null, query: null, unchecked: [] };
        return { name, method: method.toUpperCase(), path, params, ...known };
      }),
    );
  });
}

function nestInputs(app: TestApp): Map<string, Inputs> {
  const found = new Map<string, Inputs>();
  const scanner = new MetadataScanner();
  for (const { metatype } of app.get(DiscoveryService).getControllers()) {
    if (!metatype) continue;
    const prototype = (metatype as InputClass).prototype as Record<string, () => unknown>;
    for (const key of scanner.getAllMethodNames(prototype)) {
      const handler = prototype[key] as () => unknown;
      const method = Reflect.getMetadata('method', handler) as RequestMethod | undefined;
      if (method === undefined) continue;
      const inputs = inputsOf(metatype, prototype, key);
      for (const base of pathsOf(metatype))
        for (const path of pathsOf(handler)) found.set(`${RequestMethod[method]} ${join(base, path)}`, inputs);
    }
  }
  return found;
}

const pathsOf = (target: object): string[] => [Reflect.getMetadata('path', target) as string | string[]].flat();

const join = (...parts: string[]): string =>
  `/${parts
    .flatMap((part) => part.split('/'))
    .filter(Boolean)
    .join('/')}`;

function inputsOf(controller: object, prototype: object, key: string): Inputs {
  const kinds = (Reflect.getMetadata('__routeArguments__', controller, key) ?? {}) as Record<
    string,
    { index: number; data?: unknown }
  >;
  const types = (Reflect.getMetadata('design:paramtypes', prototype, key) ?? []) as unknown[];
  const inputs: Inputs = { body: null, query: null, unchecked: [] };
  for (const [kind, { index, data }] of Object.entries(kinds)) {
    const side = { [`${RouteParamtypes.BODY}`]: 'body', [`${RouteParamtypes.QUERY}`]: 'query' }[
      kind.split(':')[0] ?? ''
    ];
    if (side !== 'body' && side !== 'query') continue;
    const type = types[index];
    const isChecked =
      data === undefined && typeof type === 'function' && ![Object, String, Number].includes(type as never);
    if (isChecked) inputs[side] = type as InputClass;
    else inputs.unchecked.push(side);
  }
  return inputs;
}
