import { html } from '/vendor/preact.js';
import { hueOf, initials } from '../../common/faces.js';
import { Icon } from '../../common/ui/icons.js';
import { customerName } from '../words.js';

/** A customer in two letters, with the mark of the channel. Their words stand beside it. */
export const Face = ({ user, source }) => html`
  <span class=${`face hue-${hueOf(user?.id ?? '')}`} aria-hidden="true">
    ${initials(customerName(user))}
    ${source && html`<i class=${`channel ${source}`}><${Icon} name=${source === 'telegram' ? 'plane' : 'globe'} /></i>`}
  </span>
`;
