import { readFileSync, readdirSync } from 'node:fs';
import { expect } from 'chai';
import { schemaPath } from '../../lib/package-paths.js';
import { renderSchemas } from '../../scripts/schemas.js';

interface Fields {
  readonly properties?: Readonly<Record<string, Fields & { readonly description?: string }>>;
}

/** Paths of the fields that have no description, and no fields of their own either. */
const undescribed = ({ properties = {} }: Fields): readonly string[] =>
  Object.entries(properties).flatMap(([name, field]) =>
    field.properties || field.description !== undefined
      ? undescribed(field).map(inner => `${name}.${inner}`)
      : [name],
  );

describe('the schemas', () => {
  it('are what `npm run schemas` makes of the types of options, each field with its comment', async () => {
    const texts = await renderSchemas();
    expect([...texts.keys()].sort()).to.deep.equal(readdirSync(schemaPath('')).sort());
    for (const [file, text] of texts) {
      expect(readFileSync(schemaPath(file), 'utf8'), `${file}: npm run schemas`).to.equal(text);
    }
    const { properties, ...runtime } = JSON.parse(
      texts.get('runtime-options.schema.json') ?? '',
    ) as Fields;
    expect(runtime)
      .to.include({ additionalProperties: false })
      .and.not.to.have.property('required');
    expect(properties?.['platformRestart']?.properties).to.deep.include({
      exempt: {
        type: 'array',
        items: { type: 'string' },
        description: 'Names or vatIDs of vats that keep their incarnation',
      },
    });
    expect(undescribed({ properties: properties ?? {} })).to.deep.equal([]);
    const config = JSON.parse(texts.get('swingset-config.schema.json') ?? '') as Fields;
    expect(undescribed(config)).to.deep.equal([]);
  });
});
