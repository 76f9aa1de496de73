import { Injectable } from '@nestjs/common';
import { AssistantMessages } from '../messages/assistant-messages.service.js';
import { SessionsService } from '../sessions/sessions.service.js';

const LONGEST_TITLE = 60;

/** Names sessions after what they began with: without a second call of the model, which would cost money and time. */
@Injectable()
export class TitlesService {
  constructor(
    private readonly sessions: SessionsService,
    private readonly messages: AssistantMessages,
  ) {}

  /** Gives the session a title from its first question, unless it has one. */
  async titleIfUntitled(sessionId: string): Promise<void> {
    const settings = await this.sessions.getAnswerSettings(sessionId).catch(() => null);
    if (!settings || settings.title !== null) return;
    const question = await this.messages.firstQuestion(sessionId);
    const title = question === null ? '' : makeTitle(question);
    if (title !== '') await this.sessions.setTitleIfUntitled(sessionId, title);
  }
}

/** The first sentence of a text as a title: one line, no Markdown, at most 60 characters, cut between words. */
export function makeTitle(text: string): string {
  const plain = text
    .replace(/```[\s\S]*?(```|$)/g, ' ')
    .replace(/[*_`#>~|]+/g, ' ')
    .replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ')
    .trim();
  const sentence = /^.{8,}?[.!?\u2026](?=\s|$)/u.exec(plain)?.[0] ?? plain;
  const title = sentence.replace(/[.\u2026]+$/u, '');
  const characters = [...title];
  if (characters.length <= LONGEST_TITLE) return title;
  const cut = characters.slice(0, LONGEST_TITLE - 1).join('');
  const space = cut.lastIndexOf(' ');
  return `${(space > LONGEST_TITLE / 2 ? cut.slice(0, space) : cut).trimEnd()}…`;
}
