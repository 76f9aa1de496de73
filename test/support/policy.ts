import type { Role } from '../../src/common/actor.js';
import type { ErrorCode } from '../../src/common/errors/error-catalogue.js';

/** What a person can have and others must not reach. */
export interface Things {
  session: string;
  group: string;
  /** A message of the person, answered. */
  question: string;
  /** The assistant's answer to it. */
  answer: string;
  /** The person. */
  person: string;
  /** A chat room that the person owns. */
  room: string;
  /** What the person said there. */
  roomMessage: string;
  /** Somebody else who is in it. */
  member: string;
  /** A support chat that waits for any operator. */
  waitingChat: string;
  /** A support chat that the caller holds. */
  heldChat: string;
  /** A support chat that the caller closed. */
  closedChat: string;
  /** Somebody who works at the desk. */
  operator: string;
  cannedReply: string;
}

/** An id that a request names. */
export interface Ref {
  kind: keyof Things;
  /** The one answer to an absent id, somebody else's and one that is none at all; null: all of them are let in alike and do nothing. */
  absent: ErrorCode | null;
  /** Whoever may call at all may name those of others too. */
  isShared?: boolean;
  /** The field takes a list of such ids. */
  isList?: boolean;
  /** Not part of the good request; it is tried in the place of this other field, or beside all of them (null). */
  insteadOf?: string | null;
}

/** `api/v1`: `{error}` alone, ids that are none are 400, unknown keys are left out. */
export type Dialect = 'api/v1';

export type Place = 'params' | 'query' | 'body';

/** Who may use a route and how a good request to it looks. */
export interface RoutePolicy {
  /** Anybody, everybody who is signed in, or people of at least this role. Ids narrow it to those whose they are. */
  access: 'public' | 'signed-in' | Exclude<Role, 'user'>;
  /** Status of a good request. */
  ok: number;
  /** How its refusals look, where that is not as everywhere. */
  dialect?: Dialect;
  /** A path that fits, where the route's own has a wildcard. */
  path?: string;
  /** Fields that take blanks, or any value at all for one of theirs. */
  lenient?: Readonly<Record<string, 'blank' | 'anything'>>;
  query?: Readonly<Record<string, string>>;
  body?: Readonly<Record<string, unknown>>;
  /** `params.id`, `query.conversationId`, `body.groupId` … */
  refs?: Readonly<Partial<Record<`${Place}.${string}`, Ref>>>;
  /** Takes `Idempotency-Key`. */
  isIdempotent?: boolean;
  /** Answers a page of a list. */
  isList?: boolean;
  /** Answers a list that is whole, or pages it as its dialect does. */
  hasOwnPaging?: boolean;
  /** The email of its body belongs to one request only. */
  uniqueEmail?: boolean;
  /** The caller's account or sign-in is over afterwards. */
  endsCaller?: boolean;
  /** The answer goes on until the client leaves. */
  staysOpen?: boolean;
  /** A good request is answered with this code by a server that is configured like that of the tests. */
  refusal?: ErrorCode;
}

/** What a good command of the socket looks like. */
export interface EventPolicy {
  payload?: Readonly<Record<string, unknown>>;
  refs?: Readonly<Record<string, Ref>>;
}

/** A request as it goes over the wire. */
export interface Call {
  method: string;
  path: string;
  body?: Record<string, unknown>;
}

/** The good request to a route with `things` as its ids; `replace` puts others in their places. */
export function callOf(
  route: string,
  policy: RoutePolicy,
  things: Things,
  replace: Readonly<Record<string, unknown>> = {},
): Call {
  const [method = '', ownPath = ''] = route.split(' ');
  const pattern = policy.path ?? ownPath;
  const values: Record<Place, Record<string, unknown>> = {
    params: {},
    query: { ...policy.query },
    body: { ...policy.body },
  };
  for (const [where, ref] of Object.entries(policy.refs ?? {}) as [string, Ref][])
    if (ref.insteadOf === undefined) put(values, where, fieldOf(ref, things[ref.kind]));
  for (const [where, value] of Object.entries(replace)) {
    const other = policy.refs?.[where as `params.${string}`]?.insteadOf;
    if (typeof other === 'string') put(values, other, undefined);
    put(values, where, fieldOf(policy.refs?.[where as `params.${string}`], value));
  }
  const path = pattern.replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(String(values.params[name])));
  const query = Object.entries(values.query).filter(([, value]) => value !== undefined);
  const search = query.map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(String(value))}`);
  return {
    method,
    path: search.length > 0 ? `${path}?${search.join('&')}` : path,
    ...(policy.body === undefined && Object.keys(values.body).length === 0 ? {} : { body: values.body }),
  };
}

/** The good payload of a command with `things` as its ids; `replace` puts others in their places. */
export function payloadOf(
  policy: EventPolicy,
  things: Things,
  replace: Readonly<Record<string, unknown>> = {},
): Record<string, unknown> {
  const ids = Object.entries(policy.refs ?? {}).filter(([, { insteadOf }]) => insteadOf === undefined);
  const given = [...ids.map(([name, { kind }]): [string, unknown] => [name, things[kind]]), ...Object.entries(replace)];
  const fields = given.map(([name, value]) => [name, fieldOf(policy.refs?.[name], value)]);
  return { ...policy.payload, ...(Object.fromEntries(fields) as object) };
}

/** How an id is written in its field. */
const fieldOf = (ref: Ref | undefined, value: unknown): unknown =>
  ref?.isList && typeof value === 'string' ? [value] : value;

function put(values: Record<Place, Record<string, unknown>>, where: string, value: unknown): void {
  const [place, name] = where.split('.') as [Place, string];
  values[place][name] = value;
}
