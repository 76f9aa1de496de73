const REDACTED = '[redacted]';

const SECRET_KEYS = [
  'authorization',
  'proxy-authorization',
  'cookie',
  'set-cookie',
  'access_?token',
  'refresh_?token',
  'id_?token',
  'token',
  'ticket',
  'password(?:_?hash)?',
  'secret',
  'client_?secret',
  'jwt_?secret',
  'code_?verifier',
  'api_?key',
  'x-api-key',
  'x-telegram-bot-api-secret-token',
].join('|');

/** What gives a secret away in a line of JSON, whatever the code that logged it thought of. */
const RULES: readonly (readonly [pattern: RegExp, replacement: string])[] = [
  [new RegExp(`("(?:${SECRET_KEYS})"\\s*:\\s*)"[^"\\\\]*(?:\\\\.[^"\\\\]*)*"`, 'gi'), `$1"${REDACTED}"`],
  // JSON that was itself logged as text has its quotes escaped.
  [new RegExp(`(\\\\"(?:${SECRET_KEYS})\\\\"\\s*:\\s*\\\\")[^"\\\\]*`, 'gi'), `$1${REDACTED}`],
  [new RegExp(`([?&#](?:${SECRET_KEYS}|code|state)=)[^&\\s"'\\\\#]+`, 'gi'), `$1${REDACTED}`],
  [/\b(Bearer|Basic)\s+[\w.~+/=-]{6,}/gi, `$1 ${REDACTED}`],
  [/\beyJ[\w-]{8,}\.[\w-]+(?:\.[\w-]*)?/g, REDACTED],
  [/\b([a-z][a-z0-9+.-]{1,20}:\/\/[^:@/\s"\\]{0,200}:)[^@/\s"\\]{1,500}@/gi, `$1${REDACTED}@`],
  [/\b(?:bot)?\d{6,12}:[\w-]{30,}/g, REDACTED],
  [/\bsk-[\w-]{8,}/g, REDACTED],
];

/** A shorter value is a word that lines contain anyway. */
const SHORTEST_SECRET = 6;

/** Makes a function that takes out of a line of JSON whatever looks like a secret, and the given ones wherever they stand. */
export function createScrubber(secrets: Iterable<string | undefined>): (line: string) => string {
  const own = [...secrets]
    .filter((secret) => secret !== undefined && secret.length >= SHORTEST_SECRET)
    .map((secret) => JSON.stringify(secret).slice(1, -1));
  return (line) => {
    let clean = line;
    for (const secret of own) clean = clean.replaceAll(secret, REDACTED);
    for (const [pattern, replacement] of RULES) clean = clean.replace(pattern, replacement);
    return clean;
  };
}
