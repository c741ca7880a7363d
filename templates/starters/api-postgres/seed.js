import { openData } from './data.js';

const data = await openData({
  databaseUrl: process.env.DATABASE_URL,
  redisUrl: process.env.REDIS_URL,
});

for (const text of ['Write a migration', 'Run the tests', 'Take a snapshot of the data']) {
  await data.addNote(text);
}
await data.close();
