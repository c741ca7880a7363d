import { buildApp } from './app.js';
import { openData } from './data.js';

const data = await openData({
  databaseUrl: process.env.DATABASE_URL,
  redisUrl: process.env.REDIS_URL,
});
const app = buildApp(data, { logger: true });

// Requests that have begun are answered before the connections are closed.
app.addHook('onClose', () => data.close());

for (const signal of ['SIGTERM', 'SIGINT']) {
  process.once(signal, async () => {
    await app.close();
    process.exit(0);
  });
}

await app.listen({ host: '0.0.0.0', port: Number(process.env.PORT || 3000) });
