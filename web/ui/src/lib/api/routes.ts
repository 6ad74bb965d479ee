/**
 * The service's routes as its OpenAPI has them: a path, a parameter or an answer that is not the
 * service's own does not compile.
 */
import type { paths } from './contract';
import { request, type Method } from './request';

type Verb<M extends Method> = Lowercase<M>;
type With<M extends Method> = {
  [P in keyof paths]: Verb<M> extends keyof paths[P]
    ? paths[P][Verb<M>] extends { responses: unknown }
      ? P
      : never
    : never;
}[keyof paths];
type Operation<M extends Method, P extends With<M>> = Verb<M> extends keyof paths[P]
  ? NonNullable<paths[P][Verb<M>]>
  : never;

type Json<R> = R extends { content: { 'application/json': infer Body } } ? Body : void;
export type Answer<O> = O extends { responses: infer R }
  ? Json<R[keyof R & (200 | 201 | 202 | 204)]>
  : never;

type Part<O, Name extends 'path' | 'query'> = O extends {
  parameters: { [N in Name]?: infer Values };
}
  ? NonNullable<Values>
  : never;
type PathOf<O> = [Part<O, 'path'>] extends [never] ? { path?: never } : { path: Part<O, 'path'> };
type QueryOf<O> = [Part<O, 'query'>] extends [never]
  ? { query?: never }
  : { query?: Part<O, 'query'> };
type BodyOf<O> = O extends { requestBody: { content: infer Content } }
  ? Content extends { 'application/json': infer Body }
    ? { body: Body }
    : { body: FormData }
  : { body?: never };

export type Given<O> = PathOf<O> &
  QueryOf<O> &
  BodyOf<O> & { signal?: AbortSignal | undefined; keepalive?: boolean };

/** `{}` in the path by its values, the query behind it; what is empty is left out. */
export function address(
  path: string,
  values: Readonly<Record<string, string>> = {},
  query: Readonly<Record<string, unknown>> = {},
): string {
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) =>
    encodeURIComponent(values[name] ?? ''),
  );
  const parts = Object.entries(query)
    .filter(([, value]) => value !== null && value !== undefined && value !== '')
    .map(([name, value]) => `${name}=${encodeURIComponent(String(value))}`);
  return parts.length ? `${filled}?${parts.join('&')}` : filled;
}

export async function call<M extends Method, P extends With<M>>(
  method: M,
  path: P,
  ...[given]: Record<never, never> extends Given<Operation<M, P>>
    ? [given?: Given<Operation<M, P>>]
    : [given: Given<Operation<M, P>>]
): Promise<Answer<Operation<M, P>>> {
  const { path: values, query, ...options } = (given ?? {}) as {
    path?: Record<string, string>;
    query?: Record<string, unknown>;
    body?: unknown;
    signal?: AbortSignal;
    keepalive?: boolean;
  };
  return (await request(method, address(path, values, query), options)) as Answer<
    Operation<M, P>
  >;
}
