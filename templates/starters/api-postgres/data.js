import pg from 'pg';
import { createClient } from 'redis';

// The newest notes are kept in Redis for this many seconds.
const CACHE_SECONDS = 30;

/**
 * Opens PostgreSQL and Redis. The schema and the prefix keep the data of tests
 * apart from that of the app.
 */
export async function openData({ databaseUrl, redisUrl, schema = 'public', prefix = 'api:', log = console }) {
  const pool = new pg.Pool({ connectionString: databaseUrl, options: `-c search_path=${schema}` });
  // A connection that breaks while nobody uses it is replaced by the pool.
  pool.on('error', (error) => log.error(error, 'lost a connection to PostgreSQL'));

  const redis = createClient({ url: redisUrl });
  redis.on('error', (error) => log.error(error, 'Redis does not answer'));
  await redis.connect();

  const newest = `${prefix}notes`;

  return {
    async check() {
      await Promise.all([pool.query('SELECT 1'), redis.ping()]);
    },

    async listNotes() {
      const cached = await redis.get(newest);
      if (cached) return JSON.parse(cached);
      const { rows } = await pool.query('SELECT id, text, created_at FROM notes ORDER BY id DESC LIMIT 50');
      await redis.set(newest, JSON.stringify(rows), { expiration: { type: 'EX', value: CACHE_SECONDS } });
      return rows;
    },

    async getNote(id) {
      const { rows } = await pool.query('SELECT id, text, created_at FROM notes WHERE id = $1', [id]);
      return rows[0];
    },

    async addNote(text) {
      const { rows } = await pool.query('INSERT INTO notes (text) VALUES ($1) RETURNING id, text, created_at', [text]);
      await redis.del(newest);
      return rows[0];
    },

    async close() {
      await Promise.all([pool.end(), redis.close()]);
    },
  };
}
