// The system at the other end: json-server (https://www.npmjs.com/package/json-server) with orders, customers and messages in
// memory, behind a key.
import jsonServer from 'json-server';

const KEY = 'shop-key-81c0de';
const states = ['new', 'paid', 'sent'];
const content = {
  customers: ['Ann', 'Ben', 'Cem'].map((name, index) => ({ id: index + 1, name })),
  orders: Array.from({ length: 12 }, (_, index) => ({
    id: index + 1,
    customer: (index % 4) + 1, // there is no customer 4
    state: states[index % states.length],
    changed: new Date(Date.UTC(2026, 0, 1, index)).toISOString(),
  })),
  messages: [],
};

const server = jsonServer.create();
server.use(jsonServer.defaults({ logger: false }));
server.use((request, response, next) => {
  if (request.headers['x-api-key'] === KEY) next();
  else response.status(401).json({ message: 'who are you?' });
});
server.use(jsonServer.router(content));
const listening = server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`SHOP_URL=http://127.0.0.1:${listening.address().port} SHOP_KEY=${KEY}\n`);
});
