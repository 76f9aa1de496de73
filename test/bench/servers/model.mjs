// A model that is always as fast: 50 deltas a second, each with the time in µs at which it was written. Prints its port.
import { performance } from 'node:perf_hooks';
import { createServer } from 'node:http';
import { hrtime } from 'node:process';
import { setTimeout } from 'node:timers';

const EVERY_MS = 20;
const count = Number(process.env.DELTAS);
const line = (delta, finish_reason = null) =>
  `data: ${JSON.stringify({ id: 'bench', object: 'chat.completion.chunk', created: 0, model: 'bench', choices: [{ index: 0, delta, finish_reason }] })}\n\n`;

const server = createServer((request, response) => {
  request.resume().on('end', () => {
    if (request.method !== 'POST') return response.end('{"object":"list","data":[]}');
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    request.socket.setNoDelay(true);
    const begin = performance.now() + EVERY_MS;
    let sent = 0;
    const tick = () => {
      if (response.destroyed) return;
      if (sent === count) return response.end(`${line({}, 'stop')}data: [DONE]\n\n`);
      response.write(line({ content: `@${hrtime.bigint() / 1000n} word ` }));
      sent++;
      setTimeout(tick, Math.max(0, begin + sent * EVERY_MS - performance.now()));
    };
    setTimeout(tick, EVERY_MS);
  });
});
server.listen(0, '127.0.0.1', 4096, () => process.stdout.write(`${server.address().port}\n`));
process.on('SIGTERM', () => process.exit(0));
