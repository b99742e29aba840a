/**
 * The boundaries of ARCHITECTURE.md, held by a machine. Each comment is written for the one who broke the rule.
 * @type {import('dependency-cruiser').IConfiguration}
 */

/** Third-party packages and the one folder that may use each. */
const homes = {
  '@electric-sql/pglite': '^src/adapters/store/',
  pg: '^src/adapters/store/',
  'pg-boss': '^src/adapters/store/',
  '@slack/(bolt|web-api|socket-mode|oauth|types)': '^src/adapters/slack/',
  'vega|vega-lite|sharp|tinypool|dejavu-fonts-ttf|@expo-google-fonts/inter': '^src/adapters/vega/',
  'undici|fastify': '^src/adapters/http/',
  'pino|prom-client': '^src/adapters/system/',
  '@prometheus-io/lezer-promql|@lezer/(common|lr)': '^src/domain/promql/',
  re2js: '^src/config',
  yaml: '^src/(config|adapters/slo/)',
  commander: '^src/cli\\.ts$',
  ws: '^src/workspace/',
};

const oneHomeEach = Object.entries(homes).map(([packages, home]) => ({
  name: `home-of-${packages
    .split('|')[0]
    .replace(/[^a-z0-9]+/gi, '-')
    .replace(/^-|-$/g, '')}`,
  comment: `${packages} has one home folder (${home}): wrap what you need there and import the wrapper, so that it can be replaced in one place.`,
  severity: 'error',
  from: { path: '^src/', pathNot: home },
  to: { path: `(^|/)node_modules/(${packages})/` },
}));

module.exports = {
  forbidden: [
    {
      name: 'nouns-know-only-nouns',
      comment: 'domain/ is the vocabulary: it imports only itself (and the PromQL grammar), never stages, ports or vendors.',
      severity: 'error',
      from: { path: '^src/domain/' },
      to: { path: '^src/', pathNot: '^src/domain/' },
    },
    {
      name: 'dialects-are-tables',
      comment: 'A dialect is data about a mesh: it knows the nouns and its fellow dialects, nothing else.',
      severity: 'error',
      from: { path: '^src/dialects/' },
      to: { path: '^src/', pathNot: '^src/(domain|dialects)/' },
    },
    {
      name: 'stages-do-not-know-each-other',
      comment:
        'Data flows from stage to stage only through the walks (triage.ts, ask.ts, digest.ts). Move what both need to domain/.',
      severity: 'error',
      from: { path: '^src/stages/([^/]+)/' },
      to: { path: '^src/stages/', pathNot: '^src/stages/$1/' },
    },
    {
      name: 'stages-are-pure',
      comment: 'A stage asks in its plan and reads in its read; it never reaches outside. It knows nouns, dialects and itself.',
      severity: 'error',
      from: { path: '^src/stages/' },
      to: { path: '^src/', pathNot: '^src/(domain|dialects|stages)/' },
    },
    {
      name: 'pure-code-has-no-packages',
      comment:
        'domain/, dialects/ and stages/ use no package and no Node module; the PromQL grammar in domain/promql/ is the one exception.',
      severity: 'error',
      from: { path: '^src/(domain|dialects|stages)/', pathNot: '^src/domain/promql/' },
      to: { dependencyTypes: ['npm', 'npm-dev', 'npm-optional', 'npm-peer', 'core'] },
    },
    {
      name: 'ports-are-types',
      comment: 'ports.ts says what lies outside, in nouns. It knows no vendor and no stage.',
      severity: 'error',
      from: { path: '^src/ports\\.ts$' },
      to: { pathNot: '^src/domain/' },
    },
    {
      name: 'walks-know-no-vendor',
      comment:
        'triage.ts, triage-group.ts, ask.ts, digest.ts and gather.ts speak through ports; main.ts decides which vendor answers.',
      severity: 'error',
      from: { path: '^src/((triage|triage-group|locate|find-rule|find-edges|inquiry|ask|digest|gather)\\.ts$|episodes/)' },
      to: { path: '^src/(adapters|workspace|demo|config|main|cli|wiring|sources|commands|doctor)' },
    },
    {
      name: 'vendors-know-ports-and-nouns',
      comment:
        'An adapter knows ports, nouns, what adapters share (http, system, traces) and its own folder; never a stage, a walk, the settings or another vendor.',
      severity: 'error',
      from: { path: '^src/adapters/([^/]+)/' },
      to: {
        path: '^src/',
        pathNot: ['^src/adapters/$1/', '^src/adapters/(http|system|traces)/', '^src/(domain|dialects)/', '^src/ports\\.ts$'],
      },
    },
    {
      name: 'only-the-command-line-opens-the-workshop',
      comment: 'workspace/ and demo/ are not in the image: only cli.ts (and they themselves) may import them, and lazily.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(cli\\.ts$|workspace/|demo/)' },
      to: { path: '^src/(workspace|demo)/' },
    },
    {
      name: 'the-workshop-is-opened-lazily',
      comment:
        'cli.ts reaches workspace/ and demo/ by import() inside the command that needs them, so that the image runs without them.',
      severity: 'error',
      from: { path: '^src/cli\\.ts$' },
      to: { path: '^src/(workspace|demo)/', dynamic: false },
    },
    {
      name: 'the-workspace-is-not-the-bot',
      comment: 'The local Slack workspace must not share code with the bot it judges.',
      severity: 'error',
      from: { path: '^src/workspace/' },
      to: { path: '^src/', pathNot: '^src/workspace/' },
    },
    {
      name: 'nobody-imports-the-roots',
      comment: 'main.ts is imported by cli.ts and the demo; cli.ts by nobody. They compose, they offer nothing.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(cli\\.ts$|demo/|entry\\.cjs$)' },
      to: { path: '^src/(main|cli)\\.ts$' },
    },
    {
      name: 'no-tests-in-the-product',
      comment: 'src never imports test, bench or development packages.',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^(test|bench|\\.ci)/' },
    },
    {
      name: 'no-dev-packages-in-the-product',
      comment: 'What src imports must be in dependencies.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/entry\\.cjs$' },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'no-cycles',
      comment: 'Two files that need each other are one idea: join them, or move the shared noun down.',
      severity: 'error',
      from: { path: '^src/' },
      to: { circular: true },
    },
    {
      name: 'no-missing-files',
      comment: 'An import that leads nowhere.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    ...oneHomeEach,
  ],
  options: {
    doNotFollow: { path: '(^|/)node_modules/' },
    parser: 'swc',
    tsPreCompilationDeps: true,
    exoticRequireStrings: [],
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
      extensions: ['.ts', '.js', '.cjs', '.mjs', '.json'],
    },
  },
};
