import { createHash } from 'node:crypto';
import type { Credentials } from './tokens.ts';

/** Names of the tenants behind the first. */
const NAMES = ['globex', 'initech', 'umbrella', 'hooli', 'stark', 'wayne', 'wonka', 'tyrell', 'cyberdyne'];

export function tenantName(index: number, first: string): string {
  if (index === 0) return first;
  const name = NAMES[index - 1] ?? `tenant${index + 1}`;
  return name === first.toLowerCase() ? `${name}2` : name;
}

/** What a client signs in with: fixed for the first tenant, made of the name for the others. */
export function credentialsOf(index: number, tenant: string): Credentials {
  if (index === 0)
    return {
      tenant,
      clientId: '7c3d6a52-9f0b-4b7e-8f6e-51a1c0ffee01',
      clientSecret: '2f1c9f4e-aa10-4f7c-9c58-0d6f5d1b7a33-b5d20f6e-7a44-4f0e-8a39-6c1f2e3d4b5a',
      username: 'integration',
      password: 'correct-horse-battery',
      apiKey: 'd1e0c2b4-5a69-4788-9f3e-1b2c3d4e5f60',
    };
  return {
    tenant,
    clientId: guid(`${tenant} client`),
    clientSecret: `${guid(`${tenant} secret`)}-${guid(`${tenant} secret 2`)}`,
    username: 'integration',
    password: `correct-horse-${tenant}`,
    apiKey: guid(`${tenant} key`),
  };
}

function guid(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join(
    '-',
  );
}
