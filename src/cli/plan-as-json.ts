import {variantAsJson} from '../core/variant.js';
import type {Plan} from '../stages/plan.js';

/** What a plan builds, as JSON: `distributions`; for a single one, its members also at the top level. */
export function planAsJson({distributions}: Plan): object {
  const described = distributions.map(({variant, archives}) => ({
    ...variantAsJson(variant),
    archives: archives.map(({fileName}) => fileName),
  }));
  const [first, ...others] = distributions;
  const single = first !== undefined && others.length === 0 ? variantAsJson(first.variant) : {};
  return {...single, distributions: described};
}
