// Who may import whom in src/. Run: depcruise -c .config/dependency-rules.cjs src
// A layer may use the ones written before it; whoever wishes to go the other way publishes a domain event.

/** Features, the lowest first. */
const FEATURES = ['users', 'groups', 'auth', 'sessions', 'chat-rooms', 'messages', 'operators', 'ai'];
/** Doors to the outside. */
const DOORS = ['gateway', 'telegram', 'pages'];
/** What features stand on. */
const GROUND = ['common', 'config', 'prisma', 'events', 'idempotency', 'jobs'];
/** What watches the process; used by everybody, knows no business. */
const WATCH = ['logging', 'health', 'metrics'];

const oneOf = (folders) => `^src/(${folders.join('|')})/`;
const TESTS = '\\.spec\\.ts$';

function forbid(name, comment, from, to) {
  return { name, severity: 'error', comment, from, to };
}

const orderOfFeatures = FEATURES.slice(0, -1).map((feature, place) =>
  forbid(
    `${feature}-knows-nothing-above-it`,
    'Publish a domain event; the feature above listens.',
    { path: oneOf([feature]) },
    { path: oneOf(FEATURES.slice(place + 1)) },
  ),
);

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    forbid('no-circles', 'An ES module in a circle is read before it is there.', {}, { circular: true }),
    forbid(
      'common-stands-alone',
      'common has no idea what product it is in.',
      { path: oneOf(['common']) },
      { path: '^src/', pathNot: oneOf(['common']) },
    ),
    forbid(
      'ground-knows-no-business',
      'The ground carries features, it does not know them.',
      { path: oneOf(GROUND) },
      { path: oneOf([...FEATURES, ...DOORS]) },
    ),
    forbid(
      'watch-knows-no-business',
      'Features register what is to be watched.',
      { path: oneOf(WATCH) },
      { path: oneOf([...FEATURES, ...DOORS]) },
    ),
    forbid(
      'features-know-no-door',
      'Doors listen to domain events.',
      { path: oneOf(FEATURES) },
      { path: oneOf(DOORS) },
    ),
    ...orderOfFeatures,
    forbid(
      'doors-are-apart',
      'What two doors share belongs below them.',
      { path: '^src/(gateway|telegram|pages)/' },
      { path: oneOf(DOORS), pathNot: '^src/$1/' },
    ),
    forbid(
      'inner-parts-stay-inside',
      'Talk to the service of the other folder.',
      { path: '^src/([^/]+)/' },
      { path: '^src/[^/]+/.+\\.(repository|controller|listener)\\.ts$', pathNot: '^src/$1/' },
    ),
    forbid(
      'dto-are-for-doors',
      'Services speak domain types; controllers are doors, and a DTO may hold another.',
      { path: oneOf([...FEATURES, ...GROUND, ...WATCH]), pathNot: `(\\.controller\\.ts$|/dto/|${TESTS})` },
      { path: '^src/[^/]+/dto/', pathNot: '^src/$1/' },
    ),
    forbid(
      'queries-live-in-repositories',
      'Put the query into a *.repository.ts.',
      { path: '^src/[^/]+/', pathNot: `((\\.repository|-rows)\\.ts$|^src/(prisma|cli)/|${TESTS})` },
      { path: '(^src/prisma/prisma\\.service\\.ts$|^src/prisma/generated/|node_modules/(@prisma|pg)/)' },
    ),
    forbid(
      'wires-stay-at-the-edge',
      'Only doors, and for models the providers, speak a wire.',
      { path: '^src/[^/]+/', pathNot: '^src/(gateway/|telegram/|ai/providers/)' },
      { path: 'node_modules/(socket\\.io|engine\\.io|ws|grammy|@grammyjs|openai)/' },
    ),
    forbid(
      'redis-is-nobodys-business',
      'It is reached over the ports of events and common; a lone node goes without.',
      { path: '^src/', pathNot: '^src/(redis/|app\\.module\\.ts$)' },
      { path: '(^src/redis/|node_modules/(redis|@redis)/)' },
    ),
    forbid(
      'redis-knows-no-business',
      'It carries what others say.',
      { path: '^src/redis/' },
      { path: oneOf([...FEATURES, ...DOORS]) },
    ),
    forbid(
      'the-root-is-nobodys-helper',
      'main, app.module and app.setup put things together; the command line may use them.',
      { path: '^src/[^/]+/', pathNot: `(^src/cli/|${TESTS})` },
      { path: '^src/[^/]+\\.ts$' },
    ),
    forbid(
      'no-tests-in-the-product',
      'Tests are not shipped.',
      { path: '^src/', pathNot: TESTS },
      { path: `(^test/|${TESTS})` },
    ),
    forbid(
      'no-development-packages',
      'They are not there in production; types are fine.',
      { path: '^src/', pathNot: `(^src/cli/.+\\.mjs$|${TESTS})` },
      {
        dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'],
        dependencyTypesNot: ['type-only'],
        pathNot: 'node_modules/@types/',
      },
    ),
    forbid('nothing-unresolvable', 'The import leads nowhere.', {}, { couldNotResolve: true }),
    forbid(
      'nothing-unused',
      'Nobody imports this file.',
      { orphan: true, path: '^src/', pathNot: '(^src/main\\.ts$|^src/cli/|\\.d\\.ts$)' },
      {},
    ),
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    doNotFollow: { path: '(node_modules|^src/prisma/generated)/' },
    exclude: { path: '^(dist|data|coverage)/' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'] },
  },
};
