import { isEvent, serverEvent, type ServerEvent } from '../contract/server-events.js';
import type { ParticipantChange } from '../dto/room-events.dto.js';

/** Moves of places in a room that follow each other, as one; whoever moved more than once stands where they are now. */
export function joinedPlaces(events: readonly ServerEvent[]): ServerEvent[] {
  const moves = events.filter((event) => isEvent(event, 'participantsChanged'));
  const [first, last] = [moves[0], moves.at(-1)];
  if (!first || !last || moves.length === 1) return moves;
  const places = new Map<string, ParticipantChange>();
  for (const place of moves.flatMap(({ payload }) => payload.participants))
    places.set(place.userId, { ...places.get(place.userId), ...place });
  const { chatRoomId, from } = first.payload;
  const { changeSeq } = last.payload;
  return [serverEvent('participantsChanged', { chatRoomId, from, changeSeq, participants: [...places.values()] })];
}
