import { describe, expect, it } from '@jest/globals';
import { attachment } from './attachment.js';

const nameOf = (header: string): string => decodeURIComponent(/filename\*=UTF-8''(.*)$/.exec(header)?.[1] ?? '');

describe('attachment', () => {
  it('names the file after the title, for new and for old clients', () => {
    expect(attachment('Größe один 😀', 'md')).toBe(
      'attachment; filename="Groe.md"; ' +
        "filename*=UTF-8''Gr%C3%B6%C3%9Fe%20%D0%BE%D0%B4%D0%B8%D0%BD%20%F0%9F%98%80.md",
    );
  });

  it.each([null, '', '...', '\u202e', '/', '   '])('calls %j a session', (title) => {
    expect(attachment(title, 'json')).toBe(`attachment; filename="session.json"; filename*=UTF-8''session.json`);
  });

  it.each([
    'a\r\nSet-Cookie: x=1',
    'a"; filename="evil.exe',
    '../../etc/passwd',
    'C:\\x|y?*',
    "it's (1)*",
    'a\0b',
    'gnp.\u202eexe',
    '%0d%0a',
    'a\ud800',
  ])('keeps %j from leaving its place', (title) => {
    const header = attachment(title, 'md');
    expect(header).toMatch(
      /^attachment; filename="[ -!#-.0-9:;=@A-Z[\]^_`a-z{}~]+\.md"; filename\*=UTF-8''[\w.~%&$#+^`|!-]+\.md$/,
    );
    expect(nameOf(header)).not.toMatch(/[\p{Cc}\p{Cf}"/\\<>|?*:;]/u);
  });

  it('cuts long names without halving a character', () => {
    expect(nameOf(attachment('😀'.repeat(200), 'md'))).toBe(`${'😀'.repeat(80)}.md`);
  });
});
