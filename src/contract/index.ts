export * from './limits';
export * from './lines';
export * from './names';
export * from './queue';
export * from './record';
export * from './spec';
export * from './states';
export * from './work';
