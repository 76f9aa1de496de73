const LONGEST_NAME = 120;
/** What could end the header, leave a folder or show another extension than the file has. */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}"*/:<>?\\|%;]+/gu;

/** A `Content-Disposition` for a file that a stranger named (RFC 6266, with the plain form for old clients). */
export function contentDisposition(fileName: string, how: 'inline' | 'attachment'): string {
  const cleaned = fileName.toWellFormed().replace(UNSAFE, ' ').replace(/\s+/g, ' ');
  const name =
    [...cleaned]
      .slice(-LONGEST_NAME)
      .join('')
      .replace(/^[\s.]+|[\s.]+$/g, '') || 'file';
  const plain = name.normalize('NFKD').replaceAll(/[^\x20-\x7e]/g, '_');
  const encoded = encodeURIComponent(name).replace(/['()*!]/g, (mark) => `%${mark.charCodeAt(0).toString(16)}`);
  return `${how}; filename="${plain}"; filename*=UTF-8''${encoded}`;
}
