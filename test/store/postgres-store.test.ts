import { describeWithPostgres, usePostgres } from '../support/postgres';
import { postgresPlace } from './places';
import { testProcesses } from './test-processes';
import { testStore } from './test-store';
import { testUpkeep } from './test-upkeep';

describeWithPostgres('in PostgreSQL', () => {
  const server = usePostgres();
  testStore('postgresStore', () => postgresPlace(server()));
  testUpkeep('postgresStore', () => postgresPlace(server()));
  testProcesses('postgresStore', () => postgresPlace(server()));
});
