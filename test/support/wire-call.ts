import { once } from 'node:events';
import { Agent, request as httpRequest, type IncomingMessage, type OutgoingHttpHeaders } from 'node:http';
import type { Dialect } from './policy.js';

export interface WireAnswer {
  status: number;
  headers: IncomingMessage['headers'];
  text: string;
}

export interface WireCall {
  method: string;
  path: string;
  token?: string | null;
  headers?: OutgoingHttpHeaders;
  /** Sent as it is; an object goes as JSON. */
  body?: string | Buffer | object;
  /** For answers that go on: leaves as soon as the head is there. */
  headOnly?: boolean;
  /** On a connection of its own. */
  isAlone?: boolean;
}

/** No request of ours takes this long; longer is a hang. */
const PATIENCE_MS = 8_000;

/** A few connections that are kept: a matrix of thousands of requests must not open thousands of sockets. */
const agent = new Agent({ keepAlive: true, maxSockets: 24 });

/** One request with exactly these bytes. Rejects when no answer comes. */
export async function wireCall(url: string, call: WireCall): Promise<WireAnswer> {
  const { method, path, token, headers, body, headOnly = false, isAlone = false } = call;
  const isRaw = body === undefined || typeof body === 'string' || Buffer.isBuffer(body);
  const bytes = isRaw ? body : JSON.stringify(body);
  const request = httpRequest(url + path, {
    method,
    agent: isAlone ? false : agent,
    headers: {
      ...(token ? { authorization: `Bearer ${token}` } : {}),
      ...(bytes === undefined
        ? {}
        : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(bytes) }),
      ...headers,
    },
  });
  // One that breaks after its head is told by its body.
  request.on('error', () => undefined);
  request.setTimeout(PATIENCE_MS, () => request.destroy(new Error(`${method} ${path} was not answered`)));
  request.end(bytes);
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  const status = response.statusCode ?? 0;
  const isStream = /event-stream|ndjson/.test(response.headers['content-type'] ?? '');
  if (headOnly && isStream) {
    response.destroy();
    return { status, headers: response.headers, text: '' };
  }
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return { status, headers: response.headers, text: Buffer.concat(chunks).toString() };
}

/** What two answers must have in common so that they cannot be told apart. */
export function comparable({ status, headers, text }: WireAnswer): unknown {
  const {
    date: _date,
    'x-request-id': requestId,
    'keep-alive': _keepAlive,
    connection: _connection,
    ...rest
  } = headers;
  return { status, headers: rest, text: text.replaceAll(String(requestId), '<requestId>') };
}

/** The code of a refused request (null in a dialect without codes), and its problems when it is not what every refusal must be. */
export function readRefusal(answer: WireAnswer, dialect?: Dialect): { code: string | null; problems: string[] } {
  const { status, headers, text } = answer;
  const problems: string[] = [];
  let body: Record<string, unknown> = {};
  try {
    body = JSON.parse(text) as Record<string, unknown>;
  } catch {
    problems.push(`the body is no JSON: ${text.slice(0, 80)}`);
  }
  if (/\bat \S+ \(|node_modules|SELECT |prisma/i.test(text)) problems.push('something of the inside shows');
  if (dialect === 'api/v1') {
    const { error, ...more } = body;
    if (typeof error !== 'string' || error === '' || Object.keys(more).length > 0) problems.push(`the body is ${text}`);
    return { code: null, problems };
  }
  const { statusCode, error, code, message, details: _details, requestId, ...more } = body;
  if (statusCode !== status) problems.push(`statusCode is ${String(statusCode)}`);
  for (const [name, value] of Object.entries({ error, code, message }))
    if (typeof value !== 'string' || value === '') problems.push(`${name} is ${String(value)}`);
  if (requestId === undefined || requestId !== headers['x-request-id'])
    problems.push('requestId is not that of the header');
  if (Object.keys(more).length > 0) problems.push(`unknown keys ${Object.keys(more).join(', ')}`);
  return { code: String(code), problems };
}
