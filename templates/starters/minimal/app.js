import { createServer } from 'node:http';

export function createApp() {
  return createServer((request, response) => {
    if (request.url === '/') {
      response.setHeader('Content-Type', 'text/plain; charset=utf-8');
      response.end('Hello from Node.js\n');
      return;
    }
    response.statusCode = 404;
    response.end('Not found\n');
  });
}
