import { CLIENT_EVENTS, type ClientEventName } from '../../src/gateway/contract/client-events.js';
import { CommandDispatcher } from '../../src/gateway/socketio/command-dispatcher.js';
import type { TestApp } from './app.js';
import type { InputClass } from './route-table.js';

/** Every command of the socket with the class that checks its payload. */
export function commandTable(app: TestApp): { event: ClientEventName; input: InputClass }[] {
  const commands = app.get(CommandDispatcher)['commands'];
  return CLIENT_EVENTS.map((event) => ({ event, input: commands.get(event)?.input as InputClass }));
}
