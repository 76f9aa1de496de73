import type { MessageRecord } from '../events/domain-events.js';
import type { SessionView } from '../sessions/session.js';
import { inlineText, quotedText } from './markdown-text.js';

// The Markdown export. A line that is not empty and does not begin with `>` is the document's own: the heading
// `# title (model: m)` or the beginning of a block, `**role**: first line of the text`. All further lines of a text begin with `>`.

const UNTITLED = 'Untitled';

export function markdownHead(session: SessionView): string {
  return `# ${inlineText(session.title ?? '') || UNTITLED} (model: ${inlineText(session.model)})\n`;
}

/** One message as a block; empty for what people no longer see: deleted and replaced messages. */
export function markdownBlock(message: MessageRecord): string {
  if (message.deletedAt !== null || message.supersededById !== null) return '';
  return `\n**${message.role}**: ${quotedText(message.content)}\n`.replaceAll(/[ \t]+$/gm, '');
}
