export * from './limits';
export * from './names';
export * from './queue';
export * from './record';
export * from './spec';
export * from './states';
export * from './work';
