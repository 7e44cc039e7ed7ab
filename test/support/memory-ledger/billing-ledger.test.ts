import { describeBillingLedger } from '../../invoice/billing-ledger.contract.ts';

describeBillingLedger('memory');
