/** `outdial/testing`: campaigns of weeks in tests of seconds, with fake callees and no network. */
export type { FakeAnswer, FakeCallee, FakeCallees, FakeRefusal } from './callees';
export { type FakeDial, FakeTrunk, fakeTrunk, type FakeTrunkOptions } from './fake-trunk';
export { outcomes } from './records';
export type { PostedResult } from './result-receiver';
export { startTestEngine, type TestEngine, type TestEngineOptions } from './test-engine';
