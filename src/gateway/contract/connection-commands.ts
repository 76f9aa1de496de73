import { RenewedAck } from '../dto/acks.dto.js';
import { AuthRefreshDto } from '../dto/commands.dto.js';
import { command } from './entries.js';
import { TOKEN } from './example-values.js';

/** Commands about the connection itself. */
export const CONNECTION_COMMANDS = {
  'auth:refresh': command(AuthRefreshDto, RenewedAck, {
    does: 'keeps the connection beyond the end of its token, with a newer one of the same person',
    errors: ['UNAUTHORIZED', 'TOKEN_EXPIRED', 'SIGN_IN_REVOKED', 'FORBIDDEN'],
    examples: { connection: { send: { token: TOKEN }, ack: { expiresAt: '2026-11-21T09:12:06.000Z' } } },
  }),
};
