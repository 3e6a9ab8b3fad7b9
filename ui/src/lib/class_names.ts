/** Those class names that are any, as one text. What is to win over another of the same kind says so: `px-2!`. */
export { clsx as cn } from 'clsx'
