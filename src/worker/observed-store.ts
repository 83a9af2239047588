/** Tells of each call that has ended, once, whoever keeps its record: its dial, its result or its campaign. */
import type { FinalCallRecord } from '../contract';
import type { Store } from '../store/store';

/**
 * The store, with somebody told of each final record that it keeps.
 *
 * @param store - a plain object, as {@link withoutKeys} and encryption make it
 */
export function observed(store: Store, onCallEnded: (record: FinalCallRecord) => void): Store {
  const { records } = store;
  return {
    ...store,
    records: {
      ...records,
      async saveCall(record): Promise<FinalCallRecord> {
        const standing = await records.saveCall(record);
        if (standing === record) onCallEnded(record);
        return standing;
      },
    },
  };
}
