import type { Request } from 'express';
import type { ActorResolver } from '../../auth/actor-resolver.service.js';
import type { Actor } from '../../common/actor.js';
import { AppError } from '../../common/errors/app-error.js';

/** Who opens a stream: by a ticket, else by the bearer token. @throws AppError UNAUTHORIZED, TICKET_INVALID and those of tokens */
export async function actorOfStream(
  actors: ActorResolver,
  ticket: string | undefined,
  request: Request,
): Promise<Actor> {
  if (ticket !== undefined) return actors.redeemTicket(ticket);
  const [scheme, token] = (request.headers.authorization ?? '').split(' ');
  if (scheme?.toLowerCase() !== 'bearer' || !token) throw new AppError('UNAUTHORIZED');
  return actors.fromAccessToken(token);
}
