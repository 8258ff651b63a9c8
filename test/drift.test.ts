import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

describe('generated files', () => {
  it('are what the code says', () => {
    const script = fileURLToPath(new URL('../scripts/generate.ts', import.meta.url));
    const result = spawnSync(process.execPath, ['--conditions=@millrace/source', script, '--check'], {
      encoding: 'utf8',
    });
    expect(result.stdout + result.stderr).toBe('');
    expect(result.status).toBe(0);
  });
});
