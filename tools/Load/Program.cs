Console.WriteLine("Load");
