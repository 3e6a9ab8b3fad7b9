import { cva, type VariantProps } from 'class-variance-authority'
import { Slot } from 'radix-ui'
import type { ComponentProps } from 'react'
import { cn } from '@/lib/class_names'

const styles = cva(
  'inline-flex shrink-0 items-center justify-center gap-1.5 rounded-lg font-[550] whitespace-nowrap select-none transition-colors disabled:opacity-50 [&_svg]:size-4 [&_svg]:shrink-0',
  {
    variants: {
      look: {
        plain: 'border border-line bg-panel shadow-panel hover:bg-quiet hover:border-edge',
        primary: 'bg-accent text-accent-ink hover:bg-accent-strong shadow-panel',
        danger: 'bg-bad-wash text-bad border border-transparent hover:border-bad',
        ghost: 'text-soft hover:text-ink hover:bg-quiet',
      },
      size: {
        normal: 'h-[34px] px-3',
        small: 'h-7 px-2.5 text-[13px]',
        icon: 'size-[34px]',
        tiny: 'size-7',
      },
    },
    defaultVariants: { look: 'plain', size: 'normal' },
  },
)

type Props = ComponentProps<'button'> & VariantProps<typeof styles> & { asChild?: boolean }

export function Button({ look, size, asChild, className, type, ...rest }: Props) {
  const Element = asChild ? Slot.Root : 'button'
  return <Element type={asChild ? undefined : (type ?? 'button')} className={cn(styles({ look, size }), className)} {...rest} />
}
