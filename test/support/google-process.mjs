// A stand-in for Google in a process of its own (its signing keys do not survive Jest's module realms).
// Messages from the parent set how it behaves from now on; each token request is told to the parent.
import { Events, OAuth2Server } from 'oauth2-mock-server';

let behaviour = {};
process.on('message', (message) => {
  behaviour = message;
  process.send({ ready: true });
});

const server = new OAuth2Server();
await server.issuer.keys.generate('RS256');
server.service.on(Events.BeforeTokenSigning, (token) => {
  if ('aud' in token.payload) Object.assign(token.payload, behaviour.idToken);
});
server.service.on(Events.BeforeResponse, (answer, request) => {
  process.send({ tokenRequest: request.body });
  if (behaviour.withoutIdToken) delete answer.body.id_token;
  if (behaviour.token) Object.assign(answer, behaviour.token);
});
server.service.on(Events.BeforeUserinfo, (answer) => {
  if (behaviour.userinfo) answer.body = behaviour.userinfo;
  if (behaviour.userinfoStatus) answer.statusCode = behaviour.userinfoStatus;
});
await server.start(0, '127.0.0.1');
process.send({ port: server.address().port });
process.on('disconnect', () => process.exit());
