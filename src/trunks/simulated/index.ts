export * from './callees';
export { calleeKind, type DrawOptions } from './dial-plan';
export { type LedgerEntry, readLedger } from './dial-ledger';
export { msPerCharacter, msPerDigit, msPerKey, type SimulatedCall } from './simulated-call';
export { SimulatedTrunk, simulatedTrunk, type SimulatedTrunkOptions } from './simulated-trunk';
