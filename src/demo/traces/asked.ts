/** What each service of the shop is asked for, as the addresses in spans show it. */
type Asked = { readonly method: 'GET' | 'POST'; readonly path: string };

const questions: Readonly<Record<string, Asked>> = {
  frontend: { method: 'GET', path: '/' },
  catalog: { method: 'GET', path: '/products' },
  search: { method: 'GET', path: '/search' },
  cart: { method: 'GET', path: '/cart' },
  recommendations: { method: 'GET', path: '/recommendations' },
  checkout: { method: 'POST', path: '/checkout' },
  payments: { method: 'POST', path: '/charges' },
  inventory: { method: 'POST', path: '/reservations' },
  shipping: { method: 'POST', path: '/shop.Shipping/Quote' },
  currency: { method: 'POST', path: '/shop.Currency/Convert' },
  notifications: { method: 'POST', path: '/notifications' },
  warehouse: { method: 'GET', path: '/stock' },
  bank: { method: 'POST', path: '/transfers' },
  fraud: { method: 'POST', path: '/scores' },
};

/** The question to a service. */
export const asked = (service: string): Asked => questions[service] ?? { method: 'GET', path: '/' };
