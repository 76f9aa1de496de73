import { z } from 'zod';

// Every key that Parley reads. `.env.example` and the README's table are kept equal to this by a test.
// An empty value is the same as an absent one. Times are in the unit that the name says.

const flag = (fallback: boolean) =>
  z
    .enum(['true', 'false', '1', '0', 'yes', 'no', 'on', 'off'], 'must be true or false')
    .default(fallback ? 'true' : 'false')
    .transform((value) => ['true', '1', 'yes', 'on'].includes(value));
const flagOrUnset = () =>
  z
    .enum(['true', 'false', '1', '0', 'yes', 'no', 'on', 'off'], 'must be true or false')
    .transform((value) => ['true', '1', 'yes', 'on'].includes(value))
    .optional();
const whole = (min: number, max: number, fallback: number) =>
  z.coerce
    .number('must be a whole number')
    .int('must be a whole number')
    .min(min, `must be at least ${min}`)
    .max(max, `must be at most ${max}`)
    .default(fallback);
const wholeOrUnset = (min: number, max: number) => whole(min, max, min).unwrap().optional();
const httpUrl = () => z.url({ protocol: /^https?$/, error: 'must be an http(s) URL' });
const list = () =>
  z
    .string()
    .default('')
    .transform((value) =>
      value
        .split(',')
        .map((part) => part.trim())
        .filter(Boolean),
    );
const origins = () =>
  list().pipe(
    z.array(
      z
        .string()
        .refine((origin) => isOrigin(origin), 'must hold origins like https://chat.example.com (no path, no *)'),
    ),
  );

function isOrigin(text: string): boolean {
  try {
    const url = new URL(text);
    return (url.protocol === 'http:' || url.protocol === 'https:') && url.origin === text.replace(/\/$/, '');
  } catch {
    return false;
  }
}

export const ENV_GROUPS = {
  Server: {
    NODE_ENV: key(
      z.enum(['development', 'production', 'test']).default('development'),
      'development, production or test.',
    ),
    PORT: key(whole(0, 65535, 3001), 'Port of REST, Socket.IO and the pages.'),
    HOST: key(z.string().default('0.0.0.0'), 'Address to listen on.'),
    DATA_DIR: key(z.string().default('./data'), 'Where the embedded database, made secrets and logs live.'),
    PUBLIC_URL: key(
      httpUrl().optional(),
      'Address that people use to reach this server; default http://localhost:PORT.',
    ),
    FRONTEND_URL: key(httpUrl().optional(), 'Origin of your front-end; allowed for REST, Socket.IO and WebSocket.'),
    ALLOWED_ORIGINS: key(origins(), 'More allowed origins, comma-separated.'),
    TRUST_PROXY: key(whole(0, 10, 0), 'How many reverse proxies stand in front (for the address of a client).'),
    SHUTDOWN_GRACE_MS: key(whole(0, 120_000, 25_000), 'How long running answers may go on after SIGTERM.'),
    DOCS_ENABLED: key(flag(true), 'Serve /docs, /openapi.json and /asyncapi.json.'),
  },
  Database: {
    DATABASE_URL: key(
      z
        .string()
        .regex(/^postgres(ql)?:\/\//, 'must start with postgresql://')
        .optional(),
      'PostgreSQL to use; empty starts the embedded one.',
    ),
    DB_HOST: key(z.string().optional(), 'Instead of DATABASE_URL: its host …'),
    DB_PORT: key(whole(1, 65535, 5432), '… port …'),
    DB_USER: key(z.string().optional(), '… user …'),
    DB_PASSWORD: key(z.string().optional(), '… password …'),
    DB_NAME: key(z.string().default('parley'), '… and database.'),
    REDIS_URL: key(
      z
        .string()
        .regex(/^rediss?:\/\//, 'must start with redis://')
        .optional(),
      'Redis, for more than one node on one PostgreSQL; all of them need the same one.',
    ),
    REDIS_PREFIX: key(
      z
        .string()
        .regex(/^[\w:-]{1,64}$/, 'must be 1 to 64 letters, digits, _, : or -')
        .default('parley'),
      'Begins every name in Redis; installations that share one Redis need different ones.',
    ),
  },
  Authentication: {
    JWT_SECRET: key(
      z.string().optional(),
      'Signs access tokens; 32 bytes or more. Required in production; made and kept in DATA_DIR otherwise.',
    ),
    ACCESS_TOKEN_TTL_S: key(whole(1, 86_400, 900), 'Life of an access token.'),
    REFRESH_TOKEN_TTL_S: key(whole(60, 7_776_000, 604_800), 'Life of a refresh token; each use gives a new one.'),
    SIGN_IN_TTL_S: key(whole(60, 31_536_000, 2_592_000), 'The end of a sign-in, however often it is refreshed.'),
    ADMIN_EMAIL: key(z.email('must be an email address').optional(), 'First admin, made at start when there is none.'),
    ADMIN_PASSWORD: key(
      z.string().min(8, 'must be at least 8 characters long').max(128).optional(),
      'Password of the first admin.',
    ),
    GOOGLE_CLIENT_ID: key(z.string().optional(), 'Google sign-in: client id (with the secret, switches it on).'),
    GOOGLE_CLIENT_SECRET: key(z.string().optional(), 'Google sign-in: client secret.'),
    GOOGLE_CALLBACK_URL: key(
      httpUrl().optional(),
      'Google sign-in: redirect URI; default PUBLIC_URL/auth/google/callback.',
    ),
    GOOGLE_REDIRECT_URL: key(
      httpUrl().optional(),
      'Where the browser goes with its tokens; default the playground page.',
    ),
    GOOGLE_REDIRECT_MODE: key(
      z.enum(['fragment', 'query']).default('fragment'),
      'Tokens in the URL fragment, or in the query for old clients.',
    ),
    GOOGLE_AUTHORIZATION_URL: key(
      httpUrl().default('https://accounts.google.com/o/oauth2/v2/auth'),
      'Endpoint of the provider.',
    ),
    GOOGLE_TOKEN_URL: key(httpUrl().default('https://oauth2.googleapis.com/token'), 'Endpoint of the provider.'),
    GOOGLE_USERINFO_URL: key(
      httpUrl()
        .refine((url) => URL.parse(url)?.pathname.endsWith('/userinfo'), 'must end in /userinfo')
        .default('https://openidconnect.googleapis.com/v1/userinfo'),
      'Endpoint of the provider; ends in /userinfo.',
    ),
  },
  Assistant: {
    OPENAI_API_KEY: key(
      z.string().optional(),
      'Key of OpenAI or of a compatible server; empty with no OPENAI_BASE_URL: the echo assistant.',
    ),
    OPENAI_BASE_URL: key(httpUrl().optional(), 'Any OpenAI-compatible server, e.g. http://localhost:11434/v1.'),
    OPENAI_MODEL: key(z.string().default('gpt-4o-mini'), 'Default model.'),
    OPENAI_MODELS: key(list(), 'Further models to offer, comma-separated.'),
    LLM_SERVICE_URL: key(httpUrl().optional(), 'An NDJSON model service, offered as provider llm-service.'),
    AI_PROVIDER: key(
      z.enum(['openai', 'llm-service', 'echo']).optional(),
      'Default provider; empty: the first that is configured.',
    ),
    AI_FALLBACK_MODELS: key(
      list(),
      'Tried in turn when a model fails before its first text, comma-separated model or provider:model.',
    ),
    AI_SYSTEM_PROMPT: key(
      z.string().default('You are a helpful assistant.'),
      'System prompt of sessions that have none.',
    ),
    MAX_HISTORY_LENGTH: key(whole(1, 1000, 20), 'Newest messages that the model is given.'),
    AI_HISTORY_TOKENS: key(whole(100, 2_000_000, 16_000), 'Tokens of history that the model is given.'),
    AI_MAX_OUTPUT_TOKENS: key(whole(1, 1_000_000, 4096), 'Longest answer, in tokens.'),
    AI_FIRST_BYTE_TIMEOUT_MS: key(whole(10, 600_000, 30_000), 'Longest wait for the first piece of an answer.'),
    AI_IDLE_TIMEOUT_MS: key(whole(10, 600_000, 30_000), 'Longest silence within an answer.'),
    AI_TOTAL_TIMEOUT_MS: key(whole(10, 3_600_000, 300_000), 'Longest answer, in time.'),
    AI_MAX_RUNNING: key(whole(1, 10_000, 200), 'Answers under way at once on this node.'),
    AI_MAX_RUNNING_PER_USER: key(
      wholeOrUnset(1, 100_000),
      'Answers under way at once for one person; more wait in line. Default 8 in production, 100 elsewhere.',
    ),
    AI_LEASE_MS: key(
      whole(1000, 120_000, 10_000),
      'After this long without a sign of life an answer counts as orphaned.',
    ),
    AI_DAILY_TOKEN_QUOTA: key(
      whole(0, 2_000_000_000, 0),
      'Tokens (question and answer) of one person per UTC day; 0 switches it off.',
    ),
    RATE_LIMIT_MS: key(
      whole(0, 3_600_000, 3000),
      'Shortest time between two AI messages of one person; 0 switches it off.',
    ),
    ANONYMOUS_CHAT: key(
      flagOrUnset(),
      'Let people without an account talk to the assistant over the WebSocket at /; default: only in development.',
    ),
  },
  Limits: {
    LOGIN_LIMIT_PER_MINUTE: key(whole(1, 100_000, 5), 'Failed sign-ins per account and address, then growing delays.'),
    REGISTER_LIMIT_PER_HOUR: key(
      wholeOrUnset(1, 10_000_000),
      'Registrations per address; default 30 in production, 10000 elsewhere.',
    ),
    REST_LIMIT_PER_MINUTE: key(
      wholeOrUnset(1, 100_000_000),
      'REST requests per person, or per address without sign-in; default 6000 in production, 600000 elsewhere.',
    ),
    SOCKET_EVENTS_PER_MINUTE: key(
      wholeOrUnset(1, 100_000_000),
      'Commands per live connection; default 6000 in production, 600000 elsewhere.',
    ),
    PING_INTERVAL_MS: key(
      whole(100, 600_000, 25_000),
      'Between two signs of life that a live connection is asked for (Socket.IO, WebSocket).',
    ),
    PING_TIMEOUT_MS: key(
      whole(100, 600_000, 20_000),
      'Longest wait for one, and for a reader of a stream to take what it was sent.',
    ),
    JOIN_SOCKET_WRITES: key(
      flag(true),
      'Whether the events that one turn of the event loop makes for a room leave in one write a Socket.IO connection.',
    ),
    PRESENCE_GRACE_MS: key(
      whole(0, 600_000, 5000),
      'How long somebody whose last connection closed still counts as online: reloads and short cuts do not show.',
    ),
    LAST_SEEN_EVERY_MS: key(
      whole(100, 3_600_000, 60_000),
      'How often it is stored who is here: the most that "last seen" lags behind after a crash.',
    ),
    MAX_SOCKETS_PER_USER: key(
      wholeOrUnset(1, 1_000_000),
      'Live connections of one person; default 20 in production, 1000 elsewhere.',
    ),
    MAX_SOCKETS_PER_ADDRESS: key(
      wholeOrUnset(1, 1_000_000),
      'Live connections from one address; default 1000 in production, 100000 elsewhere.',
    ),
  },
  Operators: {
    OPERATOR_MAX_CHATS: key(whole(1, 10_000, 10), 'Chats that an operator holds at once, unless told otherwise.'),
    OPERATOR_AUTO_ASSIGN: key(flag(false), 'Give waiting chats to the least loaded operator who is online.'),
    OPERATOR_AWAY_AFTER_S: key(
      whole(1, 86_400, 60),
      'Seconds after which an operator who is online and whose desk lost its connection becomes away.',
    ),
    OPERATOR_WS_ANONYMOUS: key(
      flag(false),
      'Let panels without a token see every support chat over the WebSocket at /ws, read-only; refused in production.',
    ),
    SLA_FIRST_RESPONSE_S: key(
      whole(0, 604_800, 300),
      'Seconds after which an unanswered call for a human counts as a breach; 0 switches it off.',
    ),
    ESCALATION_KEYWORDS: key(
      list(),
      'Words by which customers call a human, comma-separated; * ends a stem, = before one asks for the whole message. Empty: Russian and English ones; off: none.',
    ),
  },
  Telegram: {
    TELEGRAM_BOT_TOKEN: key(
      z
        .string()
        .regex(/^\d+:[\w-]+$/, 'must look like 123456:ABC…')
        .optional(),
      'Token of the bot, from @BotFather; switches Telegram on.',
    ),
    TELEGRAM_WEBHOOK_URL: key(
      httpUrl().optional(),
      'Public https address of this server, registered with Telegram at the start; without a path /telegram/webhook is added.',
    ),
    TELEGRAM_WEBHOOK_SECRET: key(
      z
        .string()
        .regex(/^[\w-]{16,256}$/, 'must be 16 to 256 of A-Z a-z 0-9 _ -')
        .optional(),
      'Secret that Telegram sends along with every update, 32 characters or more are good; required with TELEGRAM_WEBHOOK_URL.',
    ),
    TELEGRAM_POLLING: key(
      flag(false),
      'Fetch updates by long polling, on one node at a time; not used when TELEGRAM_WEBHOOK_URL is set.',
    ),
    TELEGRAM_API_ROOT: key(
      httpUrl().default('https://api.telegram.org'),
      'Another Bot API server, for example your own.',
    ),
  },
  Operations: {
    LOG_LEVEL: key(
      z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
      'Least severe level that is logged.',
    ),
    LOG_FILE: key(z.string().optional(), 'Also log to this file, rotated daily and at 50 MB, 7 kept.'),
    ENABLE_METRICS: key(flag(true), 'Serve /metrics.'),
    METRICS_PORT: key(
      z.coerce
        .number('must be a whole number')
        .int('must be a whole number')
        .min(1, 'must be at least 1')
        .max(65535, 'must be at most 65535')
        .optional(),
      'Serve /metrics on this port alone.',
    ),
    METRICS_TOKEN: key(z.string().optional(), 'Bearer token that /metrics asks for.'),
  },
} as const;

interface EnvKey<S extends z.ZodType> {
  schema: S;
  description: string;
}

function key<S extends z.ZodType>(schema: S, description: string): EnvKey<S> {
  return { schema, description };
}

type Groups = typeof ENV_GROUPS;
type Keys = { [G in keyof Groups]: Groups[G] }[keyof Groups];
type UnionToIntersection<U> = (U extends unknown ? (u: U) => void : never) extends (i: infer I) => void ? I : never;
type AllKeys = UnionToIntersection<Keys>;

/** The environment, parsed. */
export type Env = { [K in keyof AllKeys]: AllKeys[K] extends EnvKey<infer S> ? z.output<S> : never };

export const ENV_KEYS: Readonly<Record<string, EnvKey<z.ZodType>>> = Object.fromEntries(
  Object.values(ENV_GROUPS).flatMap((group) => Object.entries(group)),
);

/** Every problem of the configuration, one line each. */
export class ConfigError extends Error {
  constructor(readonly problems: readonly string[]) {
    super(problems.join('\n'));
    this.name = 'ConfigError';
  }
}

/** Reads the known keys out of `source`. @throws ConfigError with all problems at once */
export function parseEnv(source: Readonly<Record<string, string | undefined>>): Env {
  const problems: string[] = [];
  const env: Record<string, unknown> = {};
  for (const [name, { schema }] of Object.entries(ENV_KEYS)) {
    const raw = source[name]?.trim();
    const result = schema.safeParse(raw === '' ? undefined : raw);
    if (result.success) env[name] = result.data;
    else problems.push(`${name} ${[...new Set(result.error.issues.map((issue) => issue.message))].join(', ')}`);
  }
  problems.push(...crossChecks(env as Env, problems));
  if (problems.length > 0) throw new ConfigError(problems);
  return env as Env;
}

function crossChecks(env: Env, found: readonly string[]): string[] {
  const broken = (name: string) => found.some((problem) => problem.startsWith(`${name} `));
  const problems: string[] = [];
  const production = env.NODE_ENV === 'production';
  if (!broken('JWT_SECRET')) {
    if (env.JWT_SECRET !== undefined && Buffer.byteLength(env.JWT_SECRET) < 32 && production)
      problems.push('JWT_SECRET must be at least 32 bytes long');
    if (env.JWT_SECRET === undefined && production) problems.push('JWT_SECRET is required in production');
    if (production && /change.?me|secret.?here|example|your[-_ ]/i.test(env.JWT_SECRET ?? ''))
      problems.push('JWT_SECRET is an example value; make one with: openssl rand -base64 48');
  }
  if (production && env.OPERATOR_WS_ANONYMOUS) problems.push('OPERATOR_WS_ANONYMOUS must not be true in production');
  pair('ADMIN_EMAIL', 'ADMIN_PASSWORD');
  pair('GOOGLE_CLIENT_ID', 'GOOGLE_CLIENT_SECRET');
  if (env.DB_HOST !== undefined && env.DB_USER === undefined) problems.push('DB_USER is required with DB_HOST');
  if (env.AI_PROVIDER === 'openai' && !env.OPENAI_API_KEY && !env.OPENAI_BASE_URL)
    problems.push('AI_PROVIDER is openai, but neither OPENAI_API_KEY nor OPENAI_BASE_URL is set');
  if (env.AI_PROVIDER === 'llm-service' && !env.LLM_SERVICE_URL)
    problems.push('AI_PROVIDER is llm-service, but LLM_SERVICE_URL is not set');
  if (env.AI_FALLBACK_MODELS?.some((model) => model.startsWith('llm-service:')) && !env.LLM_SERVICE_URL)
    problems.push('AI_FALLBACK_MODELS names llm-service, but LLM_SERVICE_URL is not set');
  if (
    env.AI_FALLBACK_MODELS?.some((model) => model.startsWith('openai:')) &&
    !env.OPENAI_API_KEY &&
    !env.OPENAI_BASE_URL
  )
    problems.push('AI_FALLBACK_MODELS names openai, but neither OPENAI_API_KEY nor OPENAI_BASE_URL is set');
  if (env.TELEGRAM_WEBHOOK_URL !== undefined && env.TELEGRAM_WEBHOOK_SECRET === undefined)
    problems.push('TELEGRAM_WEBHOOK_SECRET is required with TELEGRAM_WEBHOOK_URL');
  if (env.TELEGRAM_BOT_TOKEN === undefined && !broken('TELEGRAM_BOT_TOKEN')) {
    if (env.TELEGRAM_WEBHOOK_URL !== undefined)
      problems.push('TELEGRAM_BOT_TOKEN is required with TELEGRAM_WEBHOOK_URL');
    if (env.TELEGRAM_POLLING) problems.push('TELEGRAM_BOT_TOKEN is required with TELEGRAM_POLLING');
  }
  if (env.METRICS_PORT !== undefined && env.METRICS_PORT === env.PORT)
    problems.push('METRICS_PORT must differ from PORT');
  return problems;

  function pair(a: keyof Env, b: keyof Env): void {
    if ((env[a] === undefined) !== (env[b] === undefined) && !broken(a) && !broken(b))
      problems.push(`${env[a] === undefined ? a : b} is required with ${env[a] === undefined ? b : a}`);
  }
}
