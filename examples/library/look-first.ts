// Looks at a model and a dataset, and at what a run would do with them; writes nothing.
// node build/look-first.js MODEL DATASET OUTPUT
import { inspect, plan } from 'scoremill';

const [model = '', dataset = '', output = ''] = process.argv.slice(2);

for (const path of [model, dataset]) {
  const found = await inspect(path);
  switch (found.kind) {
    case 'model':
      for (const { name, dtype, shape } of found.signature.inputs) console.log(`input ${name}: ${dtype} [${shape}]`);
      break;
    case 'dataset':
      for (const { name, type } of found.columns) console.log(`column ${name}: ${type}`);
      break;
    case 'output':
      console.log(`an output folder: ${found.state.kind}`);
      break;
  }
}

const planned = await plan({ model, dataset, output });
if (planned.plan === null) {
  console.log('already complete');
} else {
  for (const { name, columns } of planned.plan.binding.inputs) console.log(`${name} <- ${columns.length} columns`);
  console.log(`${planned.plan.rows} rows would become ${planned.plan.columns.map(({ name }) => name).join(', ')}`);
}
