import { beforeEach, describe, expect, it } from '@jest/globals';
import type { MessageResponse } from '../../messages/dto/message.response.dto.js';
import { serverEvent } from '../contract/server-events.js';
import { AnswerFollower } from './answer-follower.js';

const SESSION = 'session';
const QUESTION_SEQ = 4;

function message(id: string, seq: number, changes: Partial<MessageResponse> = {}): MessageResponse {
  return {
    id,
    conversationId: SESSION,
    seq,
    changeSeq: seq,
    role: 'assistant',
    senderId: null,
    content: '',
    status: 'streaming',
    createdAt: '2026-01-01T00:00:00.000Z',
    ...changes,
  };
}

const begun = (...of: Parameters<typeof message>) => serverEvent('message:new', message(...of));
const updated = (...of: Parameters<typeof message>) => serverEvent('message:update', message(...of));
const delta = (messageId: string, offset: number, text: string) =>
  serverEvent('message:stream', { messageId, sessionId: SESSION, delta: text, offset });
const done = (messageId: string) => serverEvent('message:done', { messageId, sessionId: SESSION, status: 'complete' });

describe('AnswerFollower', () => {
  let told: string[];
  let ended: [id: string, content: string][];

  const follow = (questionSeq: number | null, length?: number) =>
    new AnswerFollower(
      questionSeq,
      {
        delta: (text, end) => told.push(`${text}@${end}`),
        done: ({ messageId }, content) => ended.push([messageId, content]),
      },
      length,
    );

  beforeEach(() => {
    told = [];
    ended = [];
  });

  it('tells nothing from behind a gap before the end fills it', () => {
    const follower = follow(QUESTION_SEQ);
    const end = updated('mine', 5, { content: 'once more', status: 'complete' });
    for (const event of [begun('mine', 5), delta('mine', 2, 'ce'), delta('mine', 4, ' more'), end, done('mine')])
      follower.take(event);
    expect(told).toEqual(['once more@9']);
    expect(ended).toEqual([['mine', 'once more']]);
  });

  it('tells the first answer after the question, and nothing of the others', () => {
    const follower = follow(QUESTION_SEQ);
    const events = [
      begun('older', 2),
      delta('older', 0, 'no'),
      begun('mine', 5),
      delta('mine', 0, 'yes'),
      begun('newer', 8),
      delta('newer', 0, 'no'),
      done('newer'),
      updated('mine', 5, { content: 'yes', status: 'complete' }),
      done('mine'),
    ];
    for (const event of events) follower.take(event);
    expect([told, ended]).toEqual([['yes@3'], [['mine', 'yes']]]);
  });

  it('passes over notes that a person stored in the name of the assistant, and answers that were replaced', () => {
    const follower = follow(QUESTION_SEQ);
    follower.take(begun('note', 5, { senderId: 'somebody', content: 'a note', status: 'complete' }));
    follower.take(begun('replaced', 6, { supersededById: 'mine', content: 'old', status: 'stopped' }));
    follower.take(begun('mine', 7));
    follower.take(delta('mine', 0, 'text'));
    expect(told).toEqual(['text@4']);
  });

  it('tells every part once, however often and in whatever pieces it is told', () => {
    const follower = follow(QUESTION_SEQ);
    follower.take(begun('mine', 5, { content: 'one ' }));
    follower.take(delta('mine', 0, 'one '));
    follower.take(delta('mine', 2, 'e two'));
    follower.take(updated('mine', 5, { content: 'one two three', status: 'complete' }));
    expect(told).toEqual(['one @4', 'two@7', ' three@13']);
  });

  it('leaves out what the reader has already', () => {
    const follower = follow(QUESTION_SEQ, 6);
    follower.take(begun('mine', 5, { content: 'one' }));
    follower.take(delta('mine', 3, ' two'));
    follower.take(delta('mine', 7, ' three'));
    expect(told).toEqual(['o@7', ' three@13']);
  });

  it('follows whatever is being written where no question is given', () => {
    const follower = follow(null);
    follower.take(delta('running', 10, 'on'));
    follower.take(done('running'));
    expect([told, ended.map(([id]) => id)]).toEqual([['on@12'], ['running']]);
  });
});
