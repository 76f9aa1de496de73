import { describe, expect, it } from '@jest/globals';
import type { MessageResponse } from '../../messages/dto/message.response.dto.js';
import { serverEvent } from '../contract/server-events.js';
import { HeldTexts } from './held-texts.js';

const sessionId = 'session';
const piece = (messageId: string, offset: number, delta: string) =>
  serverEvent('message:stream', { messageId, sessionId, delta, offset });

describe('HeldTexts', () => {
  it('joins the pieces of each message, and knows how long they are together', () => {
    const texts = new HeldTexts();
    for (const event of [piece('a', 5, 'one '), piece('b', 0, 'other'), piece('a', 9, 'two')])
      expect(texts.hold(event)).toBe(true);
    expect(texts.length).toBe('one twoother'.length);
    expect(texts.release()).toEqual([piece('a', 5, 'one two'), piece('b', 0, 'other')]);
    expect(texts.length).toBe(0);
  });

  it('takes a piece that is told again in place of what it had of it', () => {
    const texts = new HeldTexts();
    texts.hold(piece('a', 5, 'and more'));
    texts.hold(piece('a', 0, 'text and then'));
    expect(texts.release()).toEqual([piece('a', 0, 'text and then')]);
  });

  it('forgets who is typing, and a text that is about to be told whole', () => {
    const texts = new HeldTexts();
    expect(texts.hold(serverEvent('typing', { sessionId, userId: 'u', typing: true }))).toBe(true);
    texts.hold(piece('a', 0, 'half'));
    const whole = serverEvent('message:update', { id: 'a', content: 'half and half' } as MessageResponse);
    expect(texts.hold(whole)).toBe(false);
    expect(texts.release(whole)).toEqual([]);
  });

  it('leaves out who is typing, in sessions and in rooms, and holds up nothing that is numbered', () => {
    const texts = new HeldTexts();
    expect(texts.hold(serverEvent('typing', { sessionId: 's', userId: 'u', typing: true }))).toBe(true);
    expect(texts.hold(serverEvent('userTyping', { chatRoomId: 'r', userId: 'u', isTyping: true }))).toBe(true);
    expect(texts.release()).toEqual([]);
    expect(
      texts.hold(serverEvent('messageDeleted', { chatRoomId: 'r', messageId: 'm', changeSeq: 2, deletedAt: '' })),
    ).toBe(false);
  });

  it('keeps of who is here only the latest of each person', () => {
    const texts = new HeldTexts();
    const told = (userId: string, online: boolean) => serverEvent('presence', { userId, online, lastSeenAt: null });
    for (const event of [told('a', true), told('b', true), told('a', false)]) expect(texts.hold(event)).toBe(true);
    expect(texts.release()).toEqual([told('a', false), told('b', true)]);
    expect(texts.isEmpty).toBe(true);
  });
});
