import { CLIENT_COMMANDS, CLIENT_EVENTS, type ClientEventName } from '../../src/gateway/contract/client-events.js';
import type { InputClass } from './route-table.js';

/** Every command of the socket with the class that checks its payload. */
export function commandTable(): { event: ClientEventName; input: InputClass }[] {
  return CLIENT_EVENTS.map((event) => ({ event, input: CLIENT_COMMANDS[event].input }));
}
