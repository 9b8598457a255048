"""A receipt as documents: PDF for people, XML for the province's provider of electronic receipts."""
