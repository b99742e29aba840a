/** Fetches Zipkin and builds Jaeger into the cache, so that the tests find them: `node .ci/trace-engines.ts`. Never fails: what is missing is said. */
import { findJaeger, findZipkin, jaegerVersion, zipkinVersion } from '../test/support/trace-engines.ts';

for (const [name, find] of [
  [`Zipkin ${zipkinVersion}`, findZipkin],
  [`Jaeger ${jaegerVersion}`, findJaeger],
] as const) {
  const engine = await find();
  process.stdout.write('path' in engine ? `${name}: ${engine.path}\n` : `${name} is missing: ${engine.missing}\n`);
}
