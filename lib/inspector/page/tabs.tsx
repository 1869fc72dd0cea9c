/** Links to the parts of a view. */
import type { JSX } from 'preact';

interface Tab {
  readonly text: string;
  readonly href: string;
  readonly isCurrent: boolean;
}

export const Tabs = ({
  label,
  tabs,
}: {
  readonly label: string;
  readonly tabs: readonly Tab[];
}): JSX.Element => (
  <nav class="tabs" aria-label={label}>
    {tabs.map(({ text, href, isCurrent }) => (
      <a key={href} href={href} {...(isCurrent && { 'aria-current': 'page' as const })}>
        {text}
      </a>
    ))}
  </nav>
);
