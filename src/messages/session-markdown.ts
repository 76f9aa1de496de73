import type { MessageRecord } from '../events/domain-events.js';
import type { SessionView } from '../sessions/session.js';
import { inlineText, quotedText } from './markdown-text.js';

// The Markdown export. A line that is not empty and does not begin with `>` is the document's own: the heading
// `# title (model: m)` or the beginning of a block, `**role**: first line of the text`. All further lines of a text begin with `>`.

const UNTITLED = 'Untitled';

export function markdownHead(session: SessionView): string {
  return `# ${inlineText(session.title ?? '') || UNTITLED} (model: ${inlineText(session.model)})\n`;
}

/** One message as a block; nothing for one that is empty, deleted or replaced. */
export function markdownBlock({ role, content, supersededById }: MessageRecord): string {
  if (content === '' || supersededById !== null) return '';
  const text = quotedText(content);
  return `\n**${role}**:${text.startsWith('\n') ? '' : ' '}${text}\n`;
}
