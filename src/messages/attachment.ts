const MAX_NAME = 80;

/** What a file may not be named with on some system, what could end the header, and what could show another extension. */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}<>:"/\\|?*%;]+/gu;

/**
 * A `Content-Disposition` that downloads under a name made of `title` (RFC 6266, with the plain form for old clients).
 * `extension` is without its dot.
 */
export function attachment(title: string | null, extension: string): string {
  const name = fileName(title ?? '');
  const plain = fileName(name.normalize('NFKD').replaceAll(/[^\x20-\x7e]/g, ''));
  return `attachment; filename="${plain}.${extension}"; filename*=UTF-8''${percentEncoded(`${name}.${extension}`)}`;
}

function fileName(text: string): string {
  const cleaned = text.toWellFormed().replace(UNSAFE, ' ').replace(/\s+/g, ' ');
  const cut = [...cleaned].slice(0, MAX_NAME).join('');
  return cut.replace(/^[\s.]+|[\s.]+$/g, '') || 'session';
}

const percentEncoded = (text: string): string =>
  encodeURIComponent(text).replace(/['()*!]/g, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`);
